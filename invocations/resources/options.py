"""What each option of a function does here: enforced as on AWS, simulated, stored and given back without effect, or refused."""

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """How far an option goes."""

    ENFORCED = "enforced"
    SIMULATED = "simulated"
    STORED = "stored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Option:
    """One option by its AWS name."""

    name: str
    effect: Effect
    note: str


TABLE = [
    Option("Timeout", Effect.ENFORCED, "The runtime is killed when it is over."),
    Option("MemorySize", Effect.ENFORCED, "Processes that use more are killed. The vCPU share that goes with it is not simulated."),
    Option("EphemeralStorage", Effect.ENFORCED, "The size of /tmp."),
    Option("Environment", Effect.ENFORCED, "Up to 4 KB; kept as it is, not encrypted."),
    Option("Layers", Effect.ENFORCED, "Laid over /opt in their order."),
    Option("LoggingConfig", Effect.ENFORCED, "Format, levels and log group."),
    Option("ReservedConcurrentExecutions", Effect.ENFORCED, ""),
    Option("ProvisionedConcurrency", Effect.ENFORCED, "Prepared environments on this server."),
    Option("RecursiveLoop", Effect.ENFORCED, "The 17th run of one function in one chain is stopped."),
    Option("Runtime", Effect.SIMULATED, "The nearest interpreter on the machine; INIT_START says which."),
    Option("Architectures", Effect.STORED, "Code runs on this machine's processor."),
    Option("DeadLetterConfig", Effect.ENFORCED, "A standard queue or topic of this account."),
    Option("VpcConfig", Effect.STORED, "Functions have no network but this server's AWS endpoint."),
    Option("TracingConfig", Effect.STORED, "The trace id is passed on; there is no X-Ray."),
    Option("SnapStart", Effect.STORED, ""),
    Option("FileSystemConfigs", Effect.STORED, ""),
    Option("KMSKeyArn", Effect.STORED, ""),
    Option("RuntimeManagementConfig", Effect.STORED, ""),
    Option("CodeSigningConfigArn", Effect.REFUSED, "There are no code signing configurations here."),
]
"""In the order in which pages list them."""

STORED_MEMBERS = ("VpcConfig", "TracingConfig", "SnapStart", "FileSystemConfigs", "KMSKeyArn")
"""Members of CreateFunction and UpdateFunctionConfiguration that FunctionVersion.stored_options keeps."""
