import { openEngineStore } from "../support/engine-store.ts";
import { storeContract } from "../support/store-contract.ts";
import { engineName, startEngine } from "./engine.ts";

const engine = await startEngine();
const contract = storeContract(engineName, (log) => openEngineStore(engine.url, {}, log));
contract.after(() => engine.stop());
contract.run();
