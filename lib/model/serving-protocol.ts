/** A protocol that callers may use. */
export enum ServingProtocol {
  /** PredictionService on the gRPC port. */
  GRPC = 'grpc',
  /** `/v1/models/NAME:predict` on the REST port. */
  REST = 'rest',
}
