// npm run deploy [-- cdk's own arguments]: bundles, layer, cdk deploy. With --local: the same on the emulator that
// AWS_ENDPOINT_URL names (http://localhost:4566 where it is not set), its bootstrap included.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './build.mjs';
import { buildLayers } from './layer.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const local = process.argv[2] === '--local';
const given = process.argv.slice(local ? 3 : 2);

await bundle();
buildLayers();
process.exitCode = local ? deployLocally() : cdk('aws-cdk/bin/cdk', ['deploy', ...given], process.env);

function deployLocally() {
  const env = emulator(process.env);
  const cdklocal = 'aws-cdk-local/bin/cdklocal';
  const bootstrapped = cdk(cdklocal, ['bootstrap', `aws://000000000000/${env.AWS_REGION}`], env);
  if (bootstrapped !== 0) return bootstrapped;
  return cdk(cdklocal, ['deploy', '--require-approval', 'never', ...given], env);
}

/** cdklocal drops what it is not told to keep, and knows S3 by an address of its own. */
function emulator(env) {
  const endpoint = env.AWS_ENDPOINT_URL ?? 'http://localhost:4566';
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1';
  return {
    ...env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: env.AWS_ENDPOINT_URL_S3 ?? endpoint,
    AWS_S3_FORCE_PATH_STYLE: '1',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: env.AWS_ACCESS_KEY_ID ?? 'test',
    AWS_SECRET_ACCESS_KEY: env.AWS_SECRET_ACCESS_KEY ?? 'test',
    AWS_ENVAR_ALLOWLIST: 'AWS_REGION,AWS_DEFAULT_REGION',
  };
}

function cdk(program, args, env) {
  const script = join(root, 'node_modules', program);
  return spawnSync(process.execPath, [script, ...args], { cwd: root, env, stdio: 'inherit' }).status ?? 1;
}
