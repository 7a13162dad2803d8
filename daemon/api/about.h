/* The API's description (OpenAPI, JSON Schemas) and the metrics for Prometheus. */
#ifndef API_ABOUT_H
#define API_ABOUT_H

#include "api/context.h"

/* GET /api/v1/openapi.json, /api/v1/schema/{rest}, /metrics */
routes_handler describe_openapi, describe_schema, describe_metrics;

#endif
