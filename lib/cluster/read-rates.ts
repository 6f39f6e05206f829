/** What a server reads a model from: the disk of its node, a volume, or a bucket over the network. */
export type Medium = 'node' | 'volume' | 'bucket';

/** Bytes that a load can count on in a second, by what it reads from. */
export type ReadRates = { readonly [Of in Medium]: number };

const MIB = 2 ** 20;

/**
 * Disks of nodes and volumes of clouds: gp3 gives 125 MiB a second unless more is paid for, pd-balanced 140. A part of it is
 * the node's own.
 *
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
 * @see https://cloud.google.com/compute/docs/disks/performance
 */
const DISK = 100 * MIB;

/** Volumes that many nodes mount are file systems over the network. */
const SHARED_VOLUME = 50 * MIB;

/**
 * A bucket of the cloud that the nodes are in: an eighth of what one stream gives, since TensorFlow asks for one piece after
 * the other.
 *
 * @see https://github.com/tensorflow/tensorflow/issues/36505
 */
const NEAR_BUCKET = 25 * MIB;

/** A bucket over the internet. */
const FAR_BUCKET = 10 * MIB;

export const GKE_READ_RATES: ReadRates = { node: DISK, volume: DISK, bucket: NEAR_BUCKET };
export const LOCAL_READ_RATES: ReadRates = { node: DISK, volume: DISK, bucket: FAR_BUCKET };
/** On EKS and anywhere else a volume for many nodes is a shared one, and a bucket of Google is far. */
export const OTHER_READ_RATES: ReadRates = { node: DISK, volume: SHARED_VOLUME, bucket: FAR_BUCKET };
