import { openSqliteStore } from "../../../../src/inserter/reference/sqlite/store.ts";
import { EngineDouble } from "../../../support/engine-double.ts";
import { indexNameOf, openEngineStore } from "../../../support/engine-store.ts";
import { storeContract } from "../../../support/store-contract.ts";

storeContract("SQLite", (log) => openSqliteStore(":memory:", log)).run();

for (const isOpenSearch of [true, false]) {
  const engine = new EngineDouble({ isOpenSearch });
  const url = await engine.start();
  const name = `a double of ${isOpenSearch ? "OpenSearch" : "Elasticsearch"}`;
  storeContract(name, (log) => openEngineStore(url, {}, log)).run();
  const contract = storeContract(`${name}, three inserters in turn`, (log) => {
    const index = indexNameOf("replicas");
    return Array.from({ length: 3 }, () => openEngineStore(url, { index }, log));
  });
  contract.after(() => engine.stop());
  contract.run();
}
