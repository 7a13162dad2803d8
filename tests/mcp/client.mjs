// Calls the tools of a server with the protocol's own SDK and prints what it understood, for
// test_mcp.py. Runs beside node_modules; the arguments are the server's command.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const [command, ...args] = process.argv.slice(2);
const client = new Client({ name: "test", version: "1" });
await client.connect(new StdioClientTransport({ command, args }));
await client.ping();
const call = (name, args) => client.callTool({ name, arguments: args });
const { tools } = await client.listTools(); // from here on, answers are held against their schemas
const search = (await call("search_events", { min_sources: 2 })).structuredContent;
const event = (await call("get_event", { event: search.events[0].id })).structuredContent;
const changes = (await call("changes_since", { cursor: 0 })).structuredContent;
const gone = (await call("get_event", { event: 999999 })).content[0].text;
const refused = await call("get_event", {}).then(() => "", String);
console.log(JSON.stringify({
  server: client.getServerVersion(), tools: tools.map(t => t.name), search, event, changes, gone, refused,
}));
await client.close();
