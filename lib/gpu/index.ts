export { Accelerator, type AcceleratorProps } from './accelerator';
export { GpuModelPool, type GpuModelPoolProps } from './gpu-model-pool';
