using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.SignIn;

/// <summary>Which Key Vault secrets are the keys of the ring. A key that does not stand here is none.</summary>
internal sealed record KeyRingIndex : Document
{
    public const string DocumentType = "keyRing";
    public const string DocumentId = "data-protection-keys";

    public IReadOnlyList<string> Secrets { get; init; } = [];
}
