import { namedUpgradeStories, upgradeStories } from './stories';

upgradeStories('server-side', ['--server-side']);
namedUpgradeStories('server-side', ['--server-side']);
