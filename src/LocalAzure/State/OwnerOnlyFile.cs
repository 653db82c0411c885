using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace LocalAzure.State;

/// <summary>Files that hold keys, secrets or tokens: nobody but the user who started LocalAzure may read them.</summary>
internal static class OwnerOnlyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Opens for reading and writing, without a buffer; makes the file when there is none. Others may read it meanwhile.</summary>
    public static FileStream Open(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows())
        {
            if (!File.Exists(path)) { CreateOnWindows(path).Dispose(); }
        }
        else
        {
            options.UnixCreateMode = OwnerOnly;
        }
        return new FileStream(path, options);
    }

    /// <summary>Replaces the file as a whole: a reader, or a start after a crash, finds the old content or the new, never a part of it.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var draft = $"{path}.{Guid.NewGuid():N}.new";
        using (var file = Open(draft)) { file.Write(content); }
        File.Move(draft, path, overwrite: true);
    }

    [SupportedOSPlatform("windows")]
    private static FileStream CreateOnWindows(string path)
    {
        using var me = WindowsIdentity.GetCurrent();
        var rules = new FileSecurity();
        rules.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        rules.AddAccessRule(new FileSystemAccessRule(me.User!, FileSystemRights.FullControl, AccessControlType.Allow));
        return new FileInfo(path).Create(FileMode.CreateNew, FileSystemRights.FullControl, FileShare.None, 4096, FileOptions.None, rules);
    }
}
