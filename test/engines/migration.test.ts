import { migrationContract } from "../support/migration-contract.ts";
import { engineName, startEngine } from "./engine.ts";

const engine = await startEngine();
const contract = migrationContract(engineName, () => engine.url);
contract.after(() => engine.stop());
contract.run();
