import { type DoctorDocument, doctor } from '../library/doctor/doctor.ts';
import { colorsFor } from './output/colors.ts';
import { exitCodes } from './output/exit-codes.ts';
import { print, table } from './output/print.ts';
import { command, type Options } from './session.ts';

export const doctorCommand = command(
  'doctor',
  'look at what jobs need: Node, ONNX Runtime, the home folder, MLflow; with --engine aws the account and its stack',
).action(async (options: Options) => {
  const document = await doctor(options);
  print(options.json, document, doctorLines(document));
  if (!document.well) process.exitCode = exitCodes.failed;
});

function doctorLines({ checks }: DoctorDocument): string[] {
  const { green, yellow, red } = colorsFor(process.stdout);
  const signs = { ok: green('ok  '), warn: yellow('warn'), fail: red('FAIL') };
  return table(
    checks.flatMap(({ check, state, found, advice }): (readonly [string, string])[] => [
      [check, `${signs[state]} ${found}`],
      ...(advice === undefined ? [] : [['', `     ${advice}`] as const]),
    ]),
  );
}
