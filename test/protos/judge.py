"""Reads questions from its input, a line of JSON each, and answers them on its output in the same order.

A question holds the full name of a message, a text, and the fields that the text must mean. The answer is null where it
does, or else says what it means. A field of text holds bytes where its type is bytes: one character each, 0 to 255.
"""

import json
import sys

from google.protobuf import descriptor_pool, message_factory, text_format
from google.protobuf.descriptor import FieldDescriptor

from definitions import definitions

pool = descriptor_pool.DescriptorPool()
for file in definitions():
    pool.Add(file)

INTEGERS = {
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT32,
    FieldDescriptor.TYPE_UINT64,
}


def value_of(field, value):
    if field.type in INTEGERS:
        return int(value)
    if field.type == FieldDescriptor.TYPE_ENUM:
        return field.enum_type.values_by_name[value].number
    if field.type == FieldDescriptor.TYPE_BYTES:
        return value.encode("latin-1")
    return value


def fill(message, fields):
    message.SetInParent()
    for name, value in fields.items():
        field = message.DESCRIPTOR.fields_by_name[name]
        if field.message_type and field.message_type.GetOptions().map_entry:
            values_field = field.message_type.fields_by_name["value"]
            for key, item in value.items():
                getattr(message, name)[key] = value_of(values_field, item)
        elif field.is_repeated:
            for item in value:
                if field.message_type:
                    fill(getattr(message, name).add(), item)
                else:
                    getattr(message, name).append(value_of(field, item))
        elif field.message_type:
            fill(getattr(message, name), value)
        else:
            setattr(message, name, value_of(field, value))
    return message


def answer(question):
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName(question["message"]))
    try:
        read = text_format.Parse(question["text"], kind())
    except (text_format.ParseError, UnicodeDecodeError) as error:
        return f"is no {question['message']}: {error}"
    if question.get("fields") is None:
        return None
    meant = fill(kind(), question["fields"])
    if read == meant and read.SerializeToString(deterministic=True) == meant.SerializeToString(deterministic=True):
        return None
    return f"means {{ {text_format.MessageToString(read, as_one_line=True)} }}, not {{ {text_format.MessageToString(meant, as_one_line=True)} }}"


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
