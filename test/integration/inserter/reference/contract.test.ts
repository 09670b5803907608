import { openSqliteStore } from "../../../../src/inserter/reference/sqlite/store.ts";
import { storeContract } from "../../../support/store-contract.ts";

storeContract("SQLite", (log) => openSqliteStore(":memory:", log)).run();
