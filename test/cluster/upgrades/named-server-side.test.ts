import { namedUpgradeStories } from './stories';

namedUpgradeStories('server-side', ['--server-side']);
