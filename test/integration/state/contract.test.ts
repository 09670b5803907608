import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMemoryState, openState } from "../../../src/state/open.ts";
import { MemoryState } from "../../support/memory-state.ts";
import { stateContract } from "../../support/state-contract.ts";

const SILENT = { emit: () => {} };

stateContract("maps, for tests", () => ({ state: new MemoryState(), close: () => {} }));

stateContract("SQLite in memory", () => {
  const state = openMemoryState();
  return { state, close: () => state.close() };
});

stateContract("SQLite in a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "sync-agent-state-"));
  const state = openState(join(folder, "state.sqlite"), SILENT);
  return {
    state,
    close: () => {
      state.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
