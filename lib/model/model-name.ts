import { invalid } from '../private/errors';
import { printable } from '../private/validate';

const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** A name that URLs and flags carry unchanged. */
export function checkModelName(where: string, modelName: string, prop: string): string {
  printable(where, prop, modelName);
  if (!MODEL_NAME.test(modelName)) {
    throw invalid(
      where,
      prop,
      modelName,
      "must consist of at most 128 letters, digits, '_', '.' and '-': it stands in URLs and flags",
      prop === 'id' ? "Choose another construct id, or set 'modelName'." : "For example 'image_classifier'.",
    );
  }
  return modelName;
}
