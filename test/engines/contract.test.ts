import { indexNameOf, openEngineStore } from "../support/engine-store.ts";
import { storeContract } from "../support/store-contract.ts";
import { engineName, startEngine } from "./engine.ts";

const engine = await startEngine();
storeContract(engineName, (log) => openEngineStore(engine.url, {}, log)).run();
const behindBalancer = storeContract(`${engineName}, three inserters in turn`, (log) => {
  const index = indexNameOf("replicas");
  return Array.from({ length: 3 }, () => openEngineStore(engine.url, { index }, log));
});
behindBalancer.after(() => engine.stop());
behindBalancer.run();
