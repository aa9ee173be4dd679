import os


def handler(event, context):
    name = event.get("name", "world")
    print(f"greeting {name}")
    return {"greeting": f"Hello, {name}!", "version": context.function_version, "region": os.environ["AWS_REGION"]}
