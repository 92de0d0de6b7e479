"""A sample plugin of HERD: one expert and one router."""
