/** Posts a constant as often as there are articles, eight at a time, over connections kept alive. */
import { Agent, request } from "node:http";

const [, , url = "", count = "0"] = process.argv;
const body = Buffer.alloc(10_000, "x");
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const headers = { "content-length": body.length };

function post(): Promise<void> {
  return new Promise((done, fail) => {
    const sending = request(url, { method: "POST", agent, headers }, (response) => {
      response.resume().once("end", done);
    });
    sending.once("error", fail);
    sending.end(body);
  });
}

const startMs = performance.now();
const before = process.cpuUsage();
let left = Number(count);
const lane = async (): Promise<void> => {
  while (left-- > 0) await post();
};
await Promise.all(Array.from({ length: 8 }, lane));
const { user, system } = process.cpuUsage(before);
process.send?.([performance.now() - startMs, (user + system) / 1_000]);
agent.destroy();
process.disconnect?.();
