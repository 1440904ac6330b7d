// Health, readiness, metrics and this document itself in the OpenAPI document (O7).

import { json, type OpenapiPart, plain } from './http/openapi-operation.ts';

export const operationsOpenapi: OpenapiPart = {
  tag: { name: 'operation', description: 'For those who run the server' },
  paths: {
    '/healthz': { get: { summary: 'The process is alive', roles: [], answers: { 200: plain('ok') } } },
    '/readyz': {
      get: { summary: 'The store answers', roles: [], answers: { 200: plain('ready') }, problems: ['unavailable'] },
    },
    '/metrics': {
      get: { summary: 'Counts for Prometheus', roles: [], answers: { 200: plain('Prometheus’ text form') } },
    },
    '/openapi.json': {
      get: { summary: 'This document', roles: [], answers: { 200: json({ type: 'object' }, 'OpenAPI 3.1') } },
    },
  },
};
