"""Which of several experts for one job is best for this request: learnt from scored prompts."""
