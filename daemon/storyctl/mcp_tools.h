/* The tools of `storyctl mcp`: their definitions, and what each returns. */
#ifndef STORYCTL_MCP_TOOLS_H
#define STORYCTL_MCP_TOOLS_H

#include "base/buf.h"
#include "storyctl/command.h"

#include <jansson.h>

/* The definitions in mcp_tools.json, as tools/list returns them; those that change something only
 * with --write. */
json_t *mcp_tools(const struct command_options *o);

/* Whether the arguments conform to a tool's inputSchema; false with a message in `error`. */
bool mcp_tool_takes(const json_t *tool, const json_t *arguments, struct buf *error);

/* Runs a tool with arguments that it takes. Returns its structured content; if it failed, a message
 * is in `error`, and the result may be NULL. No view is open at the return. */
json_t *mcp_tool_run(struct command_options *o, const json_t *tool, const json_t *arguments,
                     struct buf *error);

#endif
