// Starts `grantlet dev` on a free port with a seed of its own, and tells when it answers.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const user = { username: "alice", password: "correct horse battery staple" };

export const seed = {
  clients: [
    {
      client_id: "web",
      client_name: "Web & <b>Shop</b>",
      client_secret: "s3cret/with+odd%characters:and=more",
      redirect_uris: ["http://127.0.0.1/callback"],
      token_endpoint_auth_method: "client_secret_basic",
      grant_types: ["authorization_code", "refresh_token"],
      scope: "openid profile email offline_access",
    },
    {
      client_id: "cli",
      client_name: "Command line",
      redirect_uris: ["http://127.0.0.1/callback", "com.example.cli:/callback"],
      token_endpoint_auth_method: "none",
      id_token_signed_response_alg: "ES256",
      scope: "openid profile email offline_access",
    },
  ],
  users: [
    {
      ...user,
      claims: {
        name: "Alice Adams",
        email: "alice@example.com",
        email_verified: true,
        address: { locality: "Bern", country: "CH" },
      },
    },
  ],
};

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Starts the server. `clients` stand beside those of the seed; `settings` is the text of a `grantlet.toml`; `keep` keeps its data, where the operator's
 * program finds them; `host` is the name that its issuer has.
 */
export async function startGrantlet({ clients = [], settings = "", keep = false, host = "localhost" } = {}) {
  const binary = process.env.GRANTLET_BINARY;
  if (!binary) throw new Error("GRANTLET_BINARY names the grantlet program to test");
  const folder = await mkdtemp(join(tmpdir(), "grantlet-clients-"));
  const [seedFile, settingsFile] = [join(folder, "seed.json"), join(folder, "grantlet.toml")];
  await writeFile(seedFile, JSON.stringify({ ...seed, clients: [...seed.clients, ...clients] }));
  await writeFile(settingsFile, settings);
  const port = await freePort();
  const issuer = `http://${host}:${port}`;
  const files = ["--seed", seedFile, "--settings", settingsFile];
  const data = join(folder, "data");
  const place = keep ? ["--data", data] : ["--in-memory"];
  const child = spawn(binary, ["dev", ...place, "--port", String(port), "--issuer", issuer, ...files], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = [];
  child.stdout.on("data", (chunk) => output.push(chunk));
  child.stderr.on("data", (chunk) => output.push(chunk));
  for (;;) {
    if (child.exitCode !== null) throw new Error(`grantlet ended: ${Buffer.concat(output)}`);
    const up = await fetch(`${issuer}/.well-known/openid-configuration`).then((r) => r.ok, () => false);
    if (up) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    issuer,
    data,
    log: () => Buffer.concat(output).toString(),
    async stop() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      await rm(folder, { recursive: true });
    },
  };
}
