import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { packageOf, ROOT } from "./bundle.ts";

const read = (...path: readonly string[]): Record<string, unknown> =>
  JSON.parse(readFileSync(join(ROOT, ...path), "utf8"));

/**
 * What the bundle is made of, as CycloneDX 1.6 in JSON. No tool reads it from `package.json`, where all are
 * tools of the build.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function billOfMaterials(metafile: Metafile): string {
  const { packages } = read("package-lock.json") as { packages: Record<string, { integrity?: string }> };
  const { name, version } = read("package.json");
  const folders = new Set(Object.keys(metafile.inputs).map(packageOf));
  const components = [...folders]
    .filter((folder) => folder !== null)
    .sort()
    .map((folder) => {
      const found = read(folder, "package.json");
      const integrity = packages[folder]?.integrity?.replace("sha512-", "") ?? "";
      const purl = `pkg:npm/${String(found["name"]).replace("@", "%40")}@${found["version"]}`;
      return {
        type: "library",
        "bom-ref": purl,
        name: found["name"],
        version: found["version"],
        purl,
        licenses: [{ expression: found["license"] }],
        hashes: [{ alg: "SHA-512", content: Buffer.from(integrity, "base64").toString("hex") }],
      };
    });
  const component = { type: "application", "bom-ref": `pkg:npm/${name}@${version}`, name, version };
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component },
    components,
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}
