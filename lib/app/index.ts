import './plain-app-check';

export { ServingApp, type ServingAppProps } from './serving-app';
export { ServingChart, type ServingChartProps } from './serving-chart';
