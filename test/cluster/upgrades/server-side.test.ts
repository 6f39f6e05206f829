import { upgradeStories } from './stories';

upgradeStories('server-side', ['--server-side']);
