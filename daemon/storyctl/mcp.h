#ifndef STORYCTL_MCP_H
#define STORYCTL_MCP_H

int mcp_main(int argc, char **argv);

#endif
