import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Architecture, Code, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { projectRoot } from './project.ts';

/** Lambda's names for processors. */
export type ArchitectureName = 'x86_64' | 'arm64';

/** Where `scripts/layer.mjs` puts the layer of one platform. */
const layerFolder = (architecture: ArchitectureName): string =>
  join(projectRoot, 'layers/onnxruntime', `linux-${architecture}`);

/** onnxruntime-node for one platform, as `scripts/layer.mjs` made it; no AWS SDK, since one in a layer shadows the runtime's. */
export function onnxLayer(
  scope: Construct,
  architecture: ArchitectureName,
  folder = layerFolder(architecture),
): LayerVersion {
  if (!existsSync(join(folder, 'nodejs'))) {
    throw new Error(`there is no layer in ${folder}; make it with: node scripts/layer.mjs`);
  }
  return new LayerVersion(scope, 'OnnxRuntime', {
    code: Code.fromAsset(folder),
    compatibleArchitectures: [architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64],
    description: `onnxruntime-node for linux ${architecture}, CPU`,
  });
}
