import { App } from 'aws-cdk-lib';
import { readSettings } from './settings.ts';
import { FanfareStack } from './stack.ts';

const app = new App();
const settings = readSettings(app.node.getAllContext());
new FanfareStack(app, 'Fanfare', { stackName: settings.stackName, settings });
app.synth();
