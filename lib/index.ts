export * from './app';
export * from './cluster';
export * from './gateway';
export * from './gpu';
export * from './model';
export * from './service';
