import { ReceiveUploadRequest } from '../core/contracts/requests.ts';
import { receiveUpload } from '../core/steps/receive-upload.ts';
import { entry } from './shared/entry.ts';
import { uploadPorts } from './shared/upload-ports.ts';

export const handler = entry(ReceiveUploadRequest, receiveUpload, uploadPorts);
