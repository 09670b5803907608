import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Reply } from "../../../../src/sync/ports.ts";
import {
  type Certificate,
  canMakeCertificates,
  issue,
  load,
  makeAuthority,
} from "../../../support/certificates.ts";
import { answer, hangUp, type Play, reset } from "../../../support/scripted-server.ts";
import { never, opener, upsert } from "../../../support/sink.ts";
import { waitFor } from "../../../support/wait.ts";

const test = suite("client: TLS");
const open = opener(test);

const folder = mkdtempSync(join(tmpdir(), "client-tls-"));
const none = { ca: null, cert: null, key: null };
let authority: Certificate;
let server: Certificate;

test.before(() => {
  authority = makeAuthority(folder, "authority");
  server = issue(folder, "server", authority);
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

function sent(reply: Reply): string {
  if (reply.kind === "answer") return String(reply.status);
  return `${reply.why}: ${reply.message.replace(/(127\.0\.0\.1|localhost):\d+/, "HOST").replaceAll(folder, "")}`;
}

test("trusts the authority that is configured, and no other", async () => {
  const scripted = await open.server([answer(200)], { tls: load(server) });
  const named = { url: scripted.url.replace("127.0.0.1", "localhost"), tls: { ...none, ca: authority.cert } };
  for (const settings of [{ ...named, url: scripted.url }, named]) {
    const { sink } = open.sink(settings);
    assert.is(sent(await sink.send(upsert("a"), never)), "200");
    assert.is(sent(await sink.send(upsert("b"), never)), "200");
  }
  assert.is(scripted.connections, 2);
  const { sink: stranger } = open.sink({ url: scripted.url });
  assert.is(
    sent(await stranger.send(upsert("a"), never)),
    "connect: the certificate authority of HOST is not known: name it in inserter.tls.ca",
  );
  assert.is(scripted.requests.length, 4);
});

test("wants a certificate for the host", async () => {
  const other = issue(folder, "other", authority, "DNS:elsewhere.example");
  const scripted = await open.server([answer(200)], { tls: load(other) });
  const { sink } = open.sink({ url: scripted.url, tls: { ...none, ca: authority.cert } });
  assert.is(
    sent(await sink.send(upsert("a"), never)),
    "connect: the certificate of HOST is for another name",
  );
  assert.is(scripted.requests.length, 0);
});

test("speaks TLS 1.2 at least", async () => {
  const old = {
    ...load(server),
    minVersion: "TLSv1",
    maxVersion: "TLSv1.1",
    ciphers: "DEFAULT@SECLEVEL=0",
  } as const;
  const scripted = await open.server([answer(200)], { tls: old });
  const { sink } = open.sink({ url: scripted.url, tls: { ...none, ca: authority.cert } });
  assert.match(sent(await sink.send(upsert("a"), never)), /^connect: /);
  assert.is(scripted.requests.length, 0);
});

test("shows a client certificate, and the new one once its files are replaced", async () => {
  const first = issue(folder, "first", authority);
  const second = issue(folder, "second", authority);
  const used = { cert: join(folder, "used.crt"), key: join(folder, "used.key") };
  const publish = ({ cert, key }: Certificate): void => {
    copyFileSync(key, used.key);
    copyFileSync(cert, used.cert);
  };
  publish(first);
  const subject: Play = (socket, request) =>
    answer(200, (socket as TLSSocket).getPeerCertificate().subject.CN)(socket, request);
  const tls = {
    ...load(server),
    ca: readFileSync(authority.cert),
    requestCert: true,
    rejectUnauthorized: true,
  };
  const scripted = await open.server([subject], { tls });
  const { sink } = open.sink({ url: scripted.url, tls: { ca: authority.cert, ...used } });
  const shown = async (): Promise<string> => {
    const reply = await sink.send(upsert("a"), never);
    return reply.kind === "answer" ? reply.excerpt : reply.message;
  };
  assert.is(await shown(), "first");
  publish(second);
  // Between the two copies, key and certificate do not belong together: that is reported, and passes.
  await waitFor(async () => (await shown()) === "second", "the new certificate");
  await waitFor(() => scripted.openConnections === 1, "the old connection to be closed");
});

test("a client certificate that is asked for and missing is reported, not a silence", async () => {
  const tls = {
    ...load(server),
    ca: readFileSync(authority.cert),
    requestCert: true,
    rejectUnauthorized: true,
  };
  const ca = { ...none, ca: authority.cert };
  const scripted = await open.server([answer(200)], { tls });
  const { sink } = open.sink({ url: scripted.url, tls: ca });
  // With TLS 1.3 the client learns of it after it has sent, and may miss it when the connection breaks.
  assert.match(
    sent(await sink.send(upsert("a"), never)),
    /^broken: HOST (wants a client certificate: name one in inserter\.tls\.cert|closed the connection)/,
  );
  const older = await open.server([answer(200)], { tls: { ...tls, maxVersion: "TLSv1.2" } });
  const { sink: second } = open.sink({ url: older.url, tls: ca });
  assert.match(sent(await second.send(upsert("a"), never)), /^connect: HOST/);
});

test("files that cannot be used stop requests, and the reply names them", async () => {
  const garbage = join(folder, "garbage.pem");
  writeFileSync(garbage, "no certificate");
  const reply = async (tls: Parameters<typeof open.sink>[0]["tls"] & object): Promise<string> => {
    const { sink } = open.sink({ url: "https://127.0.0.1:9/post", tls });
    return sent(await sink.send(upsert("a"), never));
  };
  assert.is(
    await reply({ ...none, ca: "/nowhere/ca.pem" }),
    "connect: inserter.tls.ca: cannot read /nowhere/ca.pem: no such file; it is used as soon as it is there",
  );
  for (const tls of [
    { ...none, ca: garbage },
    { ...none, cert: garbage, key: server.key },
  ]) {
    assert.match(await reply(tls), /^connect: inserter\.tls\.(ca|cert): \/garbage\.pem is not a PEM file$/);
  }
  assert.match(
    await reply({ ...none, cert: authority.cert, key: server.key }),
    /^connect: inserter\.tls: cannot use .*key values mismatch/i,
  );
});

test("knows a stale connection under TLS too", async () => {
  for (const play of [reset(), hangUp()]) {
    const scripted = await open.server([answer(200), play, answer(201)], { tls: load(server) });
    const { sink } = open.sink({ url: scripted.url, tls: { ...none, ca: authority.cert } });
    assert.is(sent(await sink.send(upsert("a"), never)), "200");
    assert.is(sent(await sink.send(upsert("b"), never)), "201");
    assert.equal(
      scripted.requests.map(({ connection }) => connection),
      [1, 1, 2],
    );
  }
});

test("a first request that breaks after the handshake may have arrived", async () => {
  const scripted = await open.server([reset()], { tls: load(server) });
  const { sink } = open.sink({ url: scripted.url, tls: { ...none, ca: authority.cert } });
  assert.match(sent(await sink.send(upsert("a"), never)), /^broken: /);
  assert.is(scripted.requests.length, 1);
});

if (canMakeCertificates) test.run();
