# mypy: ignore-errors
"""Make, turn, save and show pictures."""

# %%
import io

from PIL import Image, ImageDraw, ImageFilter

image = Image.new("RGB", (64, 48), "navy")
ImageDraw.Draw(image).ellipse((8, 8, 40, 40), fill="gold")
small = image.rotate(30).filter(ImageFilter.BLUR).resize((16, 12)).convert("L")
sizes = {}
for kind in ("PNG", "JPEG", "GIF", "WEBP"):
    image.save(buffer := io.BytesIO(), kind)
    sizes[kind] = Image.open(buffer).size

# %%
display(image)
small

# %%
hand_in("work", "value", "v", [sizes, list(small.tobytes()[:8])])
