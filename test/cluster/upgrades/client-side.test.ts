import { namedUpgradeStories, upgradeStories } from './stories';

upgradeStories('client-side', []);
namedUpgradeStories('client-side', []);
