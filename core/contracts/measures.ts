/**
 * What the functions measure for a dashboard and its alarms: CloudWatch metrics in the namespace `Fanfare`, with the one
 * dimension `service`, which is the function's name (POWERTOOLS_SERVICE_NAME).
 */
export const measures = {
  /** Of a prediction that was committed. */
  rowsPredicted: 'RowsPredicted',
  rowsRejected: 'RowsRejected',
  /** A trial that was trained to a rung, and the seconds that it took. */
  rungsTrained: 'RungsTrained',
  trainingSeconds: 'TrainingSeconds',
  /** A trial that was lost; its study goes on. */
  trialsFailed: 'TrialsFailed',
  /** Records that MLflow does not have yet, when they were last retried. */
  pendingRecords: 'PendingRecords',
  /** MLflow did not take a record, which stays pending. */
  recordsDeferred: 'RecordsDeferred',
  uploadsStarted: 'UploadsStarted',
  /** An upload that could not be understood; the answer lies beside it. */
  uploadsRefused: 'UploadsRefused',
} as const;

export const measuresNamespace = 'Fanfare';
