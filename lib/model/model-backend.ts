import { type AutoscaledService, type Peer, ServiceFront } from '../service';
import type { ServingProtocol } from './serving-protocol';

/** Something that answers for a model: a `TfServingModel`, or a `ModelSwitch` between several. */
export abstract class ModelBackend extends ServiceFront {
  /** Name by which clients ask for the model. */
  public abstract readonly modelName: string;
  /** Port of gRPC. */
  public abstract readonly grpcPort: number;
  /** Port of REST. */
  public abstract readonly restPort: number;
  /** Host name of the Service. */
  public abstract readonly host: string;
  /** Namespace of the model. */
  public abstract readonly namespace: string;
  /** Protocols that callers may use. */
  public abstract readonly protocols: ServingProtocol[];
  /** Whether callers of gRPC must speak TLS. */
  public abstract readonly encrypted: boolean;
  /** Host and port of gRPC, for clients in the cluster. */
  public abstract readonly grpcAddress: string;
  /** URL of REST up to the model's name, for clients in the cluster. */
  public abstract readonly restUrl: string;

  /**
   * Lets a peer call the model.
   *
   * @throws where it is no Peer.
   */
  public abstract allowFrom(peer: Peer): void;

  /**
   * All workloads that may answer.
   *
   * @internal
   */
  public abstract get _services(): AutoscaledService[];

  /**
   * Host and port for a client that knows how it wants to be balanced.
   *
   * @internal
   */
  public abstract _address(protocol: ServingProtocol): string;
}
