import { upgradeStories } from './stories';

upgradeStories('client-side', []);
