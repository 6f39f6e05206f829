"""Definitions of the messages that the server reads from files, taken from the packages that requirements.txt names.

Their modules would import all of TensorFlow, so that only the descriptors are read out of them.

With a file name, the definitions that the server's files need are written there as a FileDescriptorSet.
"""

import ast
import pathlib
import sys

from google.protobuf import any_pb2, descriptor_pb2, wrappers_pb2

PACKAGES = pathlib.Path(any_pb2.__file__).parents[2]
# TensorBoard's copy of TensorFlow's messages, which differs in their package alone
TENSORFLOW = PACKAGES / "tensorboard" / "compat" / "proto"

SERVING_FILES = ["model_server_config", "platform_config", "monitoring_config", "ssl_config"]

Field = descriptor_pb2.FieldDescriptorProto

# No package holds BatchingParameters.
# https://github.com/tensorflow/serving/blob/2.20.0/tensorflow_serving/servables/tensorflow/session_bundle_config.proto
BATCHING = [
    ("max_batch_size", 1, "Int64Value"),
    ("batch_timeout_micros", 2, "Int64Value"),
    ("max_enqueued_batches", 3, "Int64Value"),
    ("num_batch_threads", 4, "Int64Value"),
    ("thread_pool_name", 5, "StringValue"),
    ("allowed_batch_sizes", 6, Field.TYPE_INT64),
    ("pad_variable_length_inputs", 7, Field.TYPE_BOOL),
    ("enable_large_batch_splitting", 8, "BoolValue"),
    ("max_execution_batch_size", 9, "Int64Value"),
]


def batching_parameters():
    file = descriptor_pb2.FileDescriptorProto(
        name="tensorflow_serving/servables/tensorflow/session_bundle_config.proto",
        package="tensorflow.serving",
        syntax="proto3",
        dependency=["google/protobuf/wrappers.proto"],
    )
    message = file.message_type.add(name="BatchingParameters")
    for name, number, kind in BATCHING:
        field = message.field.add(name=name, number=number, label=Field.LABEL_OPTIONAL)
        if isinstance(kind, str):
            field.type, field.type_name = Field.TYPE_MESSAGE, f".google.protobuf.{kind}"
        else:
            field.type = kind
    message.field[5].label = Field.LABEL_REPEATED
    return file


def descriptor_in(module):
    """What a compiled module hands to the pool of descriptors."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "AddSerializedFile":
            return descriptor_pb2.FileDescriptorProto.FromString(ast.literal_eval(node.args[0]))
    raise ValueError(f"{module} holds no descriptor")


def serving_file(path):
    return descriptor_in(PACKAGES / path.replace(".proto", "_pb2.py"))


def tensorflow_file(path):
    file = descriptor_in(TENSORFLOW / pathlib.Path(path).name.replace(".proto", "_pb2.py"))
    file.package = "tensorflow"

    def rename(message):
        for field in message.field:
            if field.type_name:
                field.type_name = field.type_name.replace(".tensorboard.", ".tensorflow.", 1)
        for nested in message.nested_type:
            rename(nested)

    for message in file.message_type:
        rename(message)
    return file


def definitions():
    """All files, each after those that it depends on."""
    files = {}

    def add(path):
        if path in files:
            return
        if path.startswith("google/protobuf/"):
            module = {"any": any_pb2, "wrappers": wrappers_pb2}[pathlib.Path(path).stem]
            file = descriptor_pb2.FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
        elif path.startswith("tensorboard/"):
            file = tensorflow_file(path)
        else:
            file = serving_file(path)
        for dependency in file.dependency:
            add(dependency)
        files[path] = file

    for name in SERVING_FILES:
        add(f"tensorflow_serving/config/{name}.proto")
    add("tensorboard/compat/proto/config.proto")
    add("google/protobuf/wrappers.proto")
    batching = batching_parameters()
    return [*files.values(), batching]


if __name__ == "__main__":
    found = descriptor_pb2.FileDescriptorSet(file=definitions())
    pathlib.Path(sys.argv[1]).write_bytes(found.SerializeToString(deterministic=True))
