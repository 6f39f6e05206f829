import { namedUpgradeStories } from './stories';

namedUpgradeStories('client-side', []);
