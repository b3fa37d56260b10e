// Marks kept in the browser: a record each, so that two tabs of a slide don't write over each other.

import { Signal } from "../../ui/signal";
import type { Change } from "./history";
import { KINDS, type Mark } from "./mark";
import { SlideMarks } from "./slide-marks";

const NAME = "wsi-streamer-marks";
const STORE = "marks";
const DELAY = 150; // ms

/** As it is kept. Which slide that is, only its opaque id tells. */
interface Kept {
  readonly slide: string;
  readonly id: string;
  readonly mark: Mark;
}

/** What tabs tell each other. */
interface News {
  readonly slide: string;
  readonly put: readonly Mark[];
  readonly gone: readonly string[];
}

export class KeptMarks {
  readonly #slides = new Map<string, SlideMarks>();
  readonly #pending = new Map<string, { slide: string; id: string; mark: Mark | null }>();
  readonly #tabs = openChannel();
  readonly #database: Promise<IDBDatabase | null>;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isKept = true;
  /** `isKept` is another. */
  readonly changed = new Signal();

  constructor() {
    this.#database = openDatabase();
    void this.#database.then((database) => {
      if (database === null) this.#fail();
    });
    this.#tabs?.addEventListener("message", ({ data }: MessageEvent<News>) => {
      this.#slides.get(data.slide)?.learn(data.put, data.gone);
    });
    const save = (): void => void this.#save();
    window.addEventListener("pagehide", save);
    document.addEventListener("visibilitychange", save);
  }

  /** False: they are gone with the page. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** The marks of a slide, the same for all its panes. Those that are kept come soon after. */
  of(slide: string): SlideMarks {
    const known = this.#slides.get(slide);
    if (known !== undefined) return known;
    const marks = new SlideMarks();
    this.#slides.set(slide, marks);
    marks.made.on((change) => this.#note(slide, change));
    void this.#load(slide).then((found) => {
      // what was drawn meanwhile is newer
      marks.learn(found.filter((mark) => marks.find(mark.id) === null && !this.#pending.has(`${slide} ${mark.id}`)));
    });
    return marks;
  }

  #note(slide: string, change: Change): void {
    const put = change.map(({ after }) => after).filter((mark) => mark !== null);
    const gone = change
      .filter(({ after }) => after === null)
      .flatMap(({ before }) => (before === null ? [] : [before.id]));
    for (const mark of put) this.#pending.set(`${slide} ${mark.id}`, { slide, id: mark.id, mark });
    for (const id of gone) this.#pending.set(`${slide} ${id}`, { slide, id, mark: null });
    this.#tabs?.postMessage({ slide, put, gone } satisfies News);
    this.#timer ??= setTimeout(() => void this.#save(), DELAY);
  }

  async #load(slide: string): Promise<Mark[]> {
    const database = await this.#database;
    if (database === null) return [];
    try {
      const all = database
        .transaction(STORE)
        .objectStore(STORE)
        .getAll(IDBKeyRange.bound([slide], [slide, []]));
      const kept = await result<Kept[]>(all);
      return kept.map(({ mark }) => mark).filter(isMark);
    } catch {
      this.#fail();
      return [];
    }
  }

  async #save(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#pending.size === 0) return;
    const database = await this.#database;
    if (database === null) return;
    const all = [...this.#pending.values()];
    this.#pending.clear();
    try {
      const transaction = database.transaction(STORE, "readwrite");
      const store = transaction.objectStore(STORE);
      for (const { slide, id, mark } of all) {
        if (mark === null) store.delete([slide, id]);
        else store.put({ slide, id, mark } satisfies Kept);
      }
      await new Promise((done, failed) => {
        transaction.oncomplete = done;
        transaction.onabort = failed; // no room, for one
      });
    } catch {
      this.#fail();
    }
  }

  #fail(): void {
    this.#isKept = false;
    this.changed.emit();
  }
}

/** Null where the browser stores nothing: in a private window of some, in a frame of another site. */
async function openDatabase(): Promise<IDBDatabase | null> {
  try {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ["slide", "id"] });
    return await result(request);
  } catch {
    return null;
  }
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

function openChannel(): BroadcastChannel | null {
  try {
    return new BroadcastChannel(NAME);
  } catch {
    return null;
  }
}

/** Whether a record is one that this release can draw. */
function isMark(mark: Mark): boolean {
  return KINDS.includes(mark?.kind) && Array.isArray(mark.points) && mark.points.length > 0;
}
