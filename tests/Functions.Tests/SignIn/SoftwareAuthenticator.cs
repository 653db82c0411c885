using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.SignIn;

/// <summary>A security key as WebAuthn describes one: an ES256 key pair, and the two answers that a browser makes with it.</summary>
internal sealed class SoftwareAuthenticator : IDisposable
{
    private const byte Present = 0x01;
    private const byte Verified = 0x04;
    private const byte WithKey = 0x40;

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] id = RandomNumberGenerator.GetBytes(32);
    private string userHandle = "";

    /// <summary>The page that the browser shows.</summary>
    public string Origin { get; set; } = "http://localhost:5173";

    /// <summary>How often the key was used; null for one that does not count, as those that synchronise.</summary>
    public uint? Count { get; set; } = 0;

    /// <summary>Whether it asks for a PIN or a finger.</summary>
    public bool VerifiesUser { get; set; } = true;

    public JsonObject Create(JsonNode options)
    {
        userHandle = (string)options["user"]!["id"]!;
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        // The public key in COSE: kty 2 (EC), alg -7 (ES256), crv 1 (P-256), x and y as byte strings of 32.
        byte[] cose = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32, .. point.X!, 0x22, 0x58, 32, .. point.Y!];
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)id.Length);
        byte[] data = [.. Data((string)options["rp"]!["id"]!, WithKey), .. new byte[16], .. length, .. id, .. cose];
        byte[] attestation = [0xa3, .. Text("fmt"), .. Text("none"), .. Text("attStmt"), 0xa0, .. Text("authData"), 0x58, (byte)data.Length, .. data];
        return Answer(new JsonObject { ["clientDataJSON"] = Client("webauthn.create", options), ["attestationObject"] = Base64Url.EncodeToString(attestation), ["transports"] = new JsonArray("internal", "telepathy") });
    }

    public JsonObject Get(JsonNode options)
    {
        var data = Data((string)options["rpId"]!, flags: 0);
        var client = Client("webauthn.get", options);
        byte[] signed = [.. data, .. SHA256.HashData(Base64Url.DecodeFromChars(client))];
        return Answer(new JsonObject
        {
            ["clientDataJSON"] = client,
            ["authenticatorData"] = Base64Url.EncodeToString(data),
            ["signature"] = Base64Url.EncodeToString(key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
            ["userHandle"] = userHandle,
        });
    }

    public void Dispose() => key.Dispose();

    private static byte[] Text(string text) => [(byte)(0x60 + text.Length), .. Encoding.ASCII.GetBytes(text)];

    private JsonObject Answer(JsonObject response) =>
        new() { ["id"] = Base64Url.EncodeToString(id), ["rawId"] = Base64Url.EncodeToString(id), ["type"] = "public-key", ["response"] = response, ["clientExtensionResults"] = new JsonObject() };

    /// <summary>The site's hash, what was checked, and how often the key was used.</summary>
    private byte[] Data(string site, byte flags)
    {
        byte[] uses = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(uses, ++Count ?? 0);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(site)), (byte)(flags | Present | (VerifiesUser ? Verified : 0)), .. uses];
    }

    private string Client(string type, JsonNode options) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        new JsonObject { ["type"] = type, ["challenge"] = options["challenge"]!.DeepClone(), ["origin"] = Origin, ["crossOrigin"] = false }.ToJsonString()));
}
