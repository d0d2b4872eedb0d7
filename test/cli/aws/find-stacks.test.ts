import { expect, test } from 'vitest';
import { isDeployed } from '../../../cli/aws/find-stacks.ts';
import { startAwsEndpoint } from '../../support/aws/aws-endpoint.ts';

const described = (state: string) =>
  `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>graft</StackName>` +
  `<StackStatus>${state}</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
const refused = (code: string, message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

test.each([
  ['works', 200, described('UPDATE_ROLLBACK_COMPLETE'), true],
  ['failed at its first deployment', 200, described('ROLLBACK_COMPLETE'), false],
  ['is not there', 400, refused('ValidationError', 'Stack with id graft does not exist'), false],
  ['nobody may see', 403, refused('AccessDenied', 'not authorized to perform: cloudformation:DescribeStacks'), undefined],
])('whether a stack is deployed that %s', async (_, status, body, deployed) => {
  await startAwsEndpoint((_request, response) => void response.writeHead(status, { 'content-type': 'text/xml' }).end(body));
  expect(await isDeployed('graft', 'eu-central-1')).toBe(deployed);
});
