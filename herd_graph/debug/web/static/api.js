// Where the page's data comes from: the server, or, in a file that was sent to somebody, the page itself.

const held = document.getElementById("herd-data");
const data = held ? JSON.parse(held.textContent) : null;

/** Whether the page is a file of its own: there is nothing to step, save or open. */
export const isFile = data !== null;

/** The run that such a file shows. */
export const fileRun = data ? data.run.id : "";

async function answered(response) {
  const type = response.headers.get("content-type") || "";
  const body = type.includes("json") ? await response.json() : {};
  if (!response.ok) throw new Error(body.error || `The server answered ${response.status}.`);
  return body;
}

async function get(path) {
  try {
    return await answered(await fetch(path, { headers: { accept: "application/json" } }));
  } catch (error) {
    if (error instanceof TypeError) throw new Error("The debugger does not answer: it was ended in the terminal.");
    throw error;
  }
}

async function post(path, body, headers) {
  const raw = body instanceof Blob;
  try {
    return await answered(await fetch(path, {
      method: "POST",
      headers: { "x-herd": "1", "content-type": raw ? "application/octet-stream" : "application/json", ...(headers || {}) },
      body: raw ? body : JSON.stringify(body || {}),
    }));
  } catch (error) {
    if (error instanceof TypeError) throw new Error("The debugger does not answer: it was ended in the terminal.");
    throw error;
  }
}

const previews = new Map();

/** What can be shown of an artifact: it never changes, so it is asked for once. */
function preview(ref, ask) {
  if (ref.inline !== undefined && ref.kind === "text") return Promise.resolve({ ...ref, text: ref.inline });
  if (ref.inline !== undefined && ref.kind === "data") {
    try {
      return Promise.resolve({ ...ref, value: JSON.parse(ref.inline) });
    } catch {
      return Promise.resolve({ ...ref, text: ref.inline });
    }
  }
  if (!previews.has(ref.id)) {
    if (previews.size > 300) previews.delete(previews.keys().next().value);
    previews.set(ref.id, ask(ref.id).catch((error) => { previews.delete(ref.id); throw error; }));
  }
  return previews.get(ref.id);
}

const id = encodeURIComponent;
const at = (stop) => (stop ? `?stop=${stop}` : "");
const named = (file) => ({ "x-file-name": id(file.name || "") });

function known(table, key, what) {
  const found = table[key];
  return found ? Promise.resolve(found) : Promise.reject(new Error(`This file does not hold ${what}.`));
}

export const api = data
  ? {
      runs: async () => ({ runs: [], starts: false }),
      run: async () => data.run,
      step: (_, step) => known(data.steps, step, `step ${step}`),
      events: async () => data.events,
      artifact: (ref) => preview(ref, (artifact) => known(data.artifacts, artifact, "this artifact")),
      content: (artifact) => data.contents[artifact] || "",
      thumbnail: (artifact) => data.contents[artifact] || "",
      listen: () => () => {},
    }
  : {
      runs: () => get("/api/runs"),
      run: (run, stop) => get(`/api/runs/${id(run)}${at(stop)}`),
      step: (run, step, stop) => get(`/api/runs/${id(run)}/steps/${id(step)}${at(stop)}`),
      experts: (run, step) => get(`/api/runs/${id(run)}/steps/${id(step)}/experts`),
      events: (run) => get(`/api/runs/${id(run)}/events`),
      plan: (run) => get(`/api/runs/${id(run)}/plan`),
      artifact: (ref) => preview(ref, (artifact) => get(`/api/artifacts/${id(artifact)}`)),
      content: (artifact) => `/api/artifacts/${id(artifact)}/content`,
      thumbnail: (artifact) => `/api/artifacts/${id(artifact)}/thumbnail`,
      save: (run) => `/api/runs/${id(run)}/file`,
      compare: (left, right) => get(`/api/compare?left=${id(left)}&right=${id(right)}`),
      command: (run, command, body) => post(`/api/runs/${id(run)}/do`, { command, ...(body || {}) }),
      pause: (run, now) => post(`/api/runs/${id(run)}/pause`, { now }),
      fork: (run, stop) => post(`/api/runs/${id(run)}/fork`, { stop }),
      editFile: (run, name, file) => post(`/api/runs/${id(run)}/edit?name=${id(name)}`, file, named(file)),
      upload: (file) => post("/api/uploads", file, named(file)),
      start: (task, files) => post("/api/runs", { task, files }),
      openRecording: (file) => post("/api/recordings", file, named(file)),
      listen(run, hear) {
        const source = new EventSource(run ? `/api/runs/${id(run)}/stream` : "/api/stream");
        source.onmessage = (message) => hear(JSON.parse(message.data));
        source.onerror = () => hear({ type: "lost" });
        return () => source.close();
      },
    };
