// The handsets' door in the OpenAPI document: POST /, /reports and /reports/batch (V1-V9, V18).

import { type OpenapiPart, type Operation, xml } from '../http/openapi-operation.ts';

const LOGIN = `<?xml version="1.0" encoding="UTF-8"?>
<LogReport xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="LogReport.xsd">
  <Message_Type Message_Type_Type="LogInInfo"/>
  <User_ID User_ID_Type="abc"/>
  <Service_ID Service_ID_Type="01"/>
  <Program_ID Program_ID_Type="11"/>
</LogReport>
`;
const BATCH = `${LOGIN.replace('<LogReport ', '<LogReports sent="2026-07-20T20:31:22Z">\n<LogReport ')}</LogReports>\n`;
const TYPES = ['text/xml', 'application/xml'];
const LIMIT = 'Without a document type, in UTF-8; at most BODY_LIMIT_BYTES (64 KiB by default), not compressed.';

const report: Operation = {
  summary: 'One report of a handset',
  description: `200 means that the report is durable. Its time is that of the Date header, or of the extension
\`urn:pocketmeter:report:1\`. By the server’s policy some reports are taken without credentials, and not counted.`,
  roles: ['handset'],
  body: xml('LogReport.xsd', `A LogReport. ${LIMIT}`, LOGIN, TYPES),
  answers: { 200: xml('LogReportResult.xsd', 'What was done with the report, and what needs an update') },
  form: 'xml',
};

export const viewingOpenapi: OpenapiPart = {
  tag: { name: 'viewing', description: 'What handsets report (CN101399958A)' },
  paths: {
    '/': { post: report },
    '/reports': { post: { ...report, description: `The same as POST /. ${report.description}` } },
    '/reports/batch': {
      post: {
        ...report,
        summary: 'Reports of a handset that was offline',
        description: 'Answered one by one; 200 means that those which were not refused are durable.',
        body: xml('LogReports.xsd', `A LogReports document of 1 to 1000 reports. ${LIMIT}`, BATCH, TYPES),
        answers: { 200: xml('LogReportResult.xsd', 'A LogReportResults document in the order of the reports') },
      },
    },
  },
};
