import { ModelVersions } from '../../../lib';
import { type ListedModel, modelListFile } from '../../../lib/model/files/model-list';

test('models with their versions and labels', () => {
  const models: ListedModel[] = [
    { name: 'ranker', basePath: 'gs://bucket/ranker', versions: ModelVersions.specific(42, 43), labels: { stable: 42, canary: 43 } },
    { name: 'tagger', basePath: '/models/tagger', versions: ModelVersions.latest(2), labels: {} },
    { name: 'all', basePath: '/models/all', versions: ModelVersions.all(), labels: {} },
  ];
  expect(modelListFile(models)).toBe(`model_config_list {
  config {
    name: "ranker"
    base_path: "gs://bucket/ranker"
    model_platform: "tensorflow"
    model_version_policy {
      specific {
        versions: 42
        versions: 43
      }
    }
    version_labels {
      key: "stable"
      value: 42
    }
    version_labels {
      key: "canary"
      value: 43
    }
  }
  config {
    name: "tagger"
    base_path: "/models/tagger"
    model_platform: "tensorflow"
    model_version_policy {
      latest { num_versions: 2 }
    }
  }
  config {
    name: "all"
    base_path: "/models/all"
    model_platform: "tensorflow"
    model_version_policy {
      all {
      }
    }
  }
}
`);
});
