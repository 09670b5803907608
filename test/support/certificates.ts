/** Certificates made for one test, with the `openssl` command. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Whether certificates can be made here. In CI they have to be. */
export const canMakeCertificates: boolean =
  process.env["CI"] !== undefined || spawnSync("openssl", ["version"]).status === 0;

/** PEM files of one key pair. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority of its own. @param name Distinguishes it from others in the same folder. */
export function makeAuthority(folder: string, name: string): Certificate {
  const files = filesOf(folder, name);
  openssl(
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
    ...["-keyout", files.key, "-out", files.cert, "-subj", `/CN=${name}`],
  );
  return files;
}

/** A certificate for 127.0.0.1 and localhost, or for others, that the authority signs. */
export function issue(
  folder: string,
  name: string,
  authority: Certificate,
  subjects = "DNS:localhost,IP:127.0.0.1",
): Certificate {
  const files = filesOf(folder, name);
  const request = join(folder, `${name}.csr`);
  const extensions = join(folder, `${name}.ext`);
  writeFileSync(extensions, `subjectAltName=${subjects}\n`);
  openssl(
    ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
    ...["-keyout", files.key, "-out", request, "-subj", `/CN=${name}`],
  );
  openssl(
    ...["x509", "-req", "-in", request, "-out", files.cert, "-days", "2", "-extfile", extensions],
    ...["-CA", authority.cert, "-CAkey", authority.key, "-CAcreateserial"],
  );
  return files;
}

/** Key and certificate as servers want them. */
export function load({ cert, key }: Certificate): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

function filesOf(folder: string, name: string): Certificate {
  return { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
}
